"""Everything in open formats, and back: what a dump of an installation holds and how it is read in again."""
