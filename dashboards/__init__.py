"""Recording rules, alerts and dashboards, built from tables; ``make dashboards`` writes what is loaded elsewhere.

Development only: nothing that runs imports this package.
"""
