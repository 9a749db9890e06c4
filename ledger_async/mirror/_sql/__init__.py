"""The part of a mirror that the SQL databases share: names, definitions, and whether they fit."""
