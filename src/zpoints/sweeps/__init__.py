"""Many trainings: settings varied as sweeps.yaml says, a small pipeline for each, and an engine that runs them.

settings    sweeps.yaml: which models there are, and their names
folders     the dvc.yaml and params.yaml of each model, made from the project's own
graph       what DVC knows: stages, their order, which of them are stale
engine      Dask: slots for processors and GPUs, tasks, failures
command     one stage as a process that ends with its parent
progress    what is running, and for how long
replicates  every declared number over trainings: mean, standard deviation, interval; figures and page show them
"""
