using BuildRunner.Model.Builds;

namespace BuildRunner.Model.Tests.Replays;

/// <summary>Says before which calls a handler is held, and what the model calls them; null for a call that is part of the step before it.</summary>
internal delegate Call? ReplayGrain(ReplayWorker worker, ReplayCall call);
