namespace BuildRunner.Orchestration.Tests.Invariants;

public sealed class InMemory_O01_OneTransactionTests : O01_OneTransactionTests
{
    protected override StageBackend CreateBackend() => new InMemoryBackend();
}

public sealed class InMemory_O02_OneBuildPerKeyTests : O02_OneBuildPerKeyTests
{
    protected override StageBackend CreateBackend() => new InMemoryBackend();
}

public sealed class InMemory_O03_PollNeverPublishesTests : O03_PollNeverPublishesTests
{
    protected override StageBackend CreateBackend() => new InMemoryBackend();
}

public sealed class InMemory_O04_WakeIdentityTests : O04_WakeIdentityTests
{
    protected override StageBackend CreateBackend() => new InMemoryBackend();
}

public sealed class InMemory_O05_TerminalIsWriteOnceTests : O05_TerminalIsWriteOnceTests
{
    protected override StageBackend CreateBackend() => new InMemoryBackend();
}

public sealed class InMemory_O06_TransientErrorsTests : O06_TransientErrorsTests
{
    protected override StageBackend CreateBackend() => new InMemoryBackend();
}

public sealed class InMemory_O07_NoDeadEndTests : O07_NoDeadEndTests
{
    protected override StageBackend CreateBackend() => new InMemoryBackend();
}

public sealed class InMemory_O08_CancelIsLevelTriggeredTests : O08_CancelIsLevelTriggeredTests
{
    protected override StageBackend CreateBackend() => new InMemoryBackend();
}

public sealed class InMemory_O09_EveryBuildEndsTests : O09_EveryBuildEndsTests
{
    protected override StageBackend CreateBackend() => new InMemoryBackend();
}

public sealed class InMemory_O10_PushIsPollTests : O10_PushIsPollTests
{
    protected override StageBackend CreateBackend() => new InMemoryBackend();
}

public sealed class InMemory_O12_RetentionTests : O12_RetentionTests
{
    protected override StageBackend CreateBackend() => new InMemoryBackend();
}
