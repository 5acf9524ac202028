"""Speed and memory against named peers, both sides measured in the same run, each in a process of its own.

python -m benchmarks                                    every benchmark at every size
python -m benchmarks features --sizes 10000 100000      one of them
"""
