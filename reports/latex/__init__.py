"""The report as LaTeX: macros, documents, PDF."""
