def render(reports, style):
    return "\n".join(f"{f.code} {f.severity} {f.split} {f.message} rows={list(f.rows)[:10]} line={f.line} {f.fingerprint} {f.evidence}" for r in reports for f in r.findings)+"\n"
