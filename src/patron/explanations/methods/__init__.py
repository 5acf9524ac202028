"""The craft of explaining: functions of arrays and of a function to be explained."""
