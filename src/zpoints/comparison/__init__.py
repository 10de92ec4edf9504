"""All models side by side: a topic for each measurement, the table they make, and their curves in long form."""
