using BuildRunner.Queue;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Orchestration.Telemetry;

/// <summary>Lets no fault of a logger out: what is logged was done before.</summary>
internal sealed class HarmlessLogger<T>(ILogger<T> logger) : HarmlessLogger(logger), ILogger<T>;
