"""The fuzzer of `make fuzz`: hostile relatives of every model, tried in processes that may die.

Each file answers one question: `seeds` which models; `draft` how a graph is changed without touching the seed;
`change_*` which changes there are; `mutants` which change has which number; `gates` how a mutant is loaded; `use` what
is asked of one that was accepted; `trial` what became of it; `child` and `server` who survives it; `smaller` which
change did it; `tally` and `report` what was found; `corpus`, `replay` and `checks` what each check is worth; `valgrind`
what does no visible harm. ``docs/fuzzing.md`` tells how to run it.
"""

import os

__all__: list[str] = []

# One thread: a child of a process in which OpenMP has started threads would wait for them for ever.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
