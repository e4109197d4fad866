//! The client as a program uses it, against servers on the loopback.

mod clock;
mod free_function;
mod operations;
mod outcome;
mod pages;
mod requests;
mod waiter;
