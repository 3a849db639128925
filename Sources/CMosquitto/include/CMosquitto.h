// The one place where the project meets libmosquitto's C header.
#ifndef FLEETSTREAM_CMOSQUITTO_H
#define FLEETSTREAM_CMOSQUITTO_H
#include <mosquitto.h>
#endif
