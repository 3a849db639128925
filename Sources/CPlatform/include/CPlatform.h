// Linux headers that Swift's Glibc module leaves out, and calls that it cannot make.
#ifndef FLEETSTREAM_CPLATFORM_H
#define FLEETSTREAM_CPLATFORM_H
#include "MemoryAccess.h"
#include "SignalPipe.h"
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

// Names the calling thread, as `ps -L` and debuggers show it; 15 bytes count. (prctl takes variable arguments.)
static inline void platform_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// Lets the calling thread run after the others where there is not time for all. (Linux counts niceness by thread.)
static inline void platform_lower_priority(void) { setpriority(PRIO_PROCESS, 0, 5); }

// `posix_spawn_file_actions_addclosefrom_np`: the child closes every descriptor from `first` on. A GNU extension.
int platform_spawn_close_from(posix_spawn_file_actions_t *actions, int first);

// `accept4`: a connection that never blocks and that child processes do not inherit. A GNU extension.
int platform_accept(int listener, struct sockaddr *address, socklen_t *length);
#endif
