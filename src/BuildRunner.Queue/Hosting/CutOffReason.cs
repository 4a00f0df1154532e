namespace BuildRunner.Queue.Hosting;

/// <summary>Why the token of a handler was canceled.</summary>
internal enum CutOffReason
{
    None,
    Stopping,
    TimedOut,
    LeaseLost,
}
