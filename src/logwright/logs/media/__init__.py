"""Sound, pictures and files of calls: out of the bodies into blobs, and back."""
