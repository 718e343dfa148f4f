"""The report room: from the verdicts document to a page, LaTeX and figures. It computes nothing."""
