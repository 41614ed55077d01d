/** This project has no activities. */
export {};
