// All of the engine as one unit: compiled once per compiler, linked into every program.
#include "access.cpp"
#include "blocks.cpp"
#include "main.cpp"
#include "requests.cpp"
#include "sync.cpp"
#include "warps.cpp"
