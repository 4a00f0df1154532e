namespace BuildRunner.Git.Storage;

/// <summary>Is told of each step, so that a test can end the process there. Absent otherwise.</summary>
internal delegate void StepReached(Step step);
