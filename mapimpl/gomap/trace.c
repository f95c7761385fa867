#include "mapimpl/gomap/trace.h"
