"""The stages: synchronous and pure; none knows an engine, a database or its neighbours."""
