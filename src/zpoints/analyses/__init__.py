"""One question, one folder.

A folder NAME of this package is an analysis. It is found by its folder; no registry lists it. It holds

    config.py        Config, its block of params.yaml below the group that Config names (`analyses:` unless it says so)
    method/          measure(...) -> Measurement. The names of its arguments say what it needs: see inputs.py here.
                     Whatever changes its numbers lies here, in config.py, or in a shared room (stats, latents, ...).
    presentation.py  TITLE, POSITION, METRICS, figures(results), and where the section needs more, context(results)
                     ANSWERS, optional: sentences for the answers that open the report, see report/answers.py
    pairs.py         optional: pairs(measurements) -> Measurement, from those of all models; runs in `compare`
    section.html     the words of its section in the report, a Jinja template

A change of presentation.py or section.html draws the report anew and measures nothing.
"""
