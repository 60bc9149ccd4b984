"""How fast the desk is, beside a bare page that does the same work in the same run.

python -m tests.benchmarks           desks of 1,000 and 100,000 claims on SQLite
python -m tests.benchmarks --help    the other engine, other sizes
"""
