#pragma once

// What Swift cannot say itself: variadic calls, GNU extensions, thread-local slots, and the steps between fork and exec.
// Each group has a source file of its own.

#include "CApolloEvents.h"
#include "CApolloSignals.h"
#include "CApolloSockets.h"
#include "CApolloSimulation.h"
#include "CApolloThreads.h"
#include "CApolloTerminal.h"
#include "CApolloSpawn.h"
#include "CApolloLauncher.h"
