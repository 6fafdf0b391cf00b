"""Moved to ``tocsin.views.experiment_answer``, where pages may read it too. This name stays until nobody imports it."""

from tocsin.views.experiment_answer import *  # noqa: F403 – every struct, under its old address
