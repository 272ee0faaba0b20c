"""The equations of a model, their structure, values and exact derivatives."""
