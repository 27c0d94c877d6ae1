// Where a new thread starts.
#pragma once
#include <thread>

namespace gramian {

// Moves a thread that has just been made off the caller's processor, if it may run on another.
//
// The kernel puts a new thread on an idle processor, but for the idle ones of a virtual machine: the
// host has put those to sleep, so they look taken. The thread then waits behind its maker until the
// kernel evens out the load, two milliseconds or more: longer than many a call takes in all.
void start_elsewhere(std::thread& thread);

}  // namespace gramian
