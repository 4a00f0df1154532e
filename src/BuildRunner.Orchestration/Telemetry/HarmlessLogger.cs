namespace BuildRunner.Orchestration;

/// <summary>Drops exceptions of loggers, because what is logged is already done.</summary>
internal sealed class HarmlessLogger<T>(ILogger<T> logger) : HarmlessLogger(logger), ILogger<T>;
