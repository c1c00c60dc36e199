"""Laws: what holds for every value and every file, one law a file, tried with values that hypothesis makes up."""
