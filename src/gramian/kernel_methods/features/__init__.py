"""Features in place of a kernel: Nystroem, random Fourier, finite and Taylor maps."""
