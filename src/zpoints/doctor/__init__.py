"""What on this machine would stop the pipeline or slow it down. It looks, and says so; it changes nothing."""
