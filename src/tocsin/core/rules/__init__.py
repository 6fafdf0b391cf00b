"""What follows: board + command + facts → events, or a refusal. One file per subject; rules never import each other."""
