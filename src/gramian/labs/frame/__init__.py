"""What every lab shares: declaration, measurement, judgement, record and report."""
