// Signal handlers, which must be C: nothing else is safe to run in one.
#ifndef FLEETSTREAM_SIGNAL_PIPE_H
#define FLEETSTREAM_SIGNAL_PIPE_H

// From now on, each arrival of one of these signals writes its number as one byte into the pipe whose reading end is
// returned (-1: errno says why). Handlers, unlike blocked or ignored signals, are not inherited by child processes.
int fleetstream_catch_signals(const int *signals, int count);

#endif
