//! The client as a program uses it, against servers on the loopback interface.

mod clock;
mod free_function;
mod operations;
mod outcome;
mod pages;
mod requests;
mod stack;
mod waiter;
