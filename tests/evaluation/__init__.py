"""What the assistant gets right, measured on questions that nobody tuned it on."""
