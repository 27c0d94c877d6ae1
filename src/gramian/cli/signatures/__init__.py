"""What each command accepts; its work is imported when it is called."""
