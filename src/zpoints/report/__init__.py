"""One self-contained HTML page from measurements, samples and figures."""
