"""Measures what the product does against labelled data, with the functions that it runs on. In memory: nothing is changed."""
