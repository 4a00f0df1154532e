using BuildRunner.Queue.Tests.Suite;

namespace BuildRunner.Queue.Tests.Engines;

public sealed class InMemoryIdentityTests : IdentitySuite<InMemoryFixture>;

public sealed class InMemoryDuplicateTests : DuplicateSuite<InMemoryFixture>;

public sealed class InMemoryPublishAfterTests : PublishAfterSuite<InMemoryFixture>;

public sealed class InMemoryPostponeTests : PostponeSuite<InMemoryFixture>;

public sealed class InMemoryOrderTests : OrderSuite<InMemoryFixture>;

public sealed class InMemoryLeaseTests : LeaseSuite<InMemoryFixture>;

public sealed class InMemoryDeadLetterTests : DeadLetterSuite<InMemoryFixture>;

public sealed class InMemoryInputTests : InputSuite<InMemoryFixture>;

[Slow]
public sealed class InMemoryModelTests : ModelSuite<InMemoryFixture>;
