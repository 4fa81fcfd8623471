#pragma once

// What Swift cannot say itself: variadic calls, GNU extensions, thread-local slots, and the steps between fork and exec.
// Each group has a source file of its own.

#include "CApolloChecksums.h"
#include "CApolloFiles.h"
#include "CApolloEvents.h"
#include "CApolloLauncher.h"
#include "CApolloMachine.h"
#include "CApolloMounts.h"
#include "CApolloSignals.h"
#include "CApolloSimulation.h"
#include "CApolloSockets.h"
#include "CApolloSpawn.h"
#include "CApolloTerminal.h"
#include "CApolloThreads.h"
#include "CApolloTrees.h"
