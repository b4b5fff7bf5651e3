"""How to speak to each upstream API: pure translation, one file each."""
