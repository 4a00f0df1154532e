using BuildRunner.Queue.Tests.Chaos;

namespace BuildRunner.Queue.Tests.Galera;

[Slow]
public sealed class GaleraChaosTests : ChaosSuite<GaleraChaosDatabase>;
