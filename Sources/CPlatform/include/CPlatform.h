// Linux headers that Swift's Glibc module leaves out.
#ifndef FLEETSTREAM_CPLATFORM_H
#define FLEETSTREAM_CPLATFORM_H
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#endif
