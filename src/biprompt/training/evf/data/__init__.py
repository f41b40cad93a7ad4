"""The data of EVF-SAM's training: sources of spoken pictures, mixed into one endless stream."""
