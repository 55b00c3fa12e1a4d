"""The pure rules: no clock, no environment, no SDK. Same input, same answer, for ever."""
