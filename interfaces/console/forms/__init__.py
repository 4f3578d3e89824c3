"""What people type into the console, read with their habits in mind."""
