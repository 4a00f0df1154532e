using BuildRunner.Relational;

namespace BuildRunner.Queue.Tests.Relational;

/// <summary>Rule Q12.</summary>
public sealed class RetryTests
{
    private static readonly Publication[] One = [new("t", Consumer.MessageOf("a"))];

    [Fact]
    public async Task What_fails_for_a_passing_reason_is_tried_again()
    {
        BrokenDatabase database = new(4, isTransient: true);
        await using RelationalQueueEngine engine = new(database, TimeProvider.System);

        await engine.PublishAsync(One, CancellationToken.None);

        database.Tries.Should().Be(5);
    }

    [Fact]
    public async Task What_fails_again_and_again_fails_with_the_exception_of_the_driver()
    {
        BrokenDatabase database = new(int.MaxValue, isTransient: true);
        await using RelationalQueueEngine engine = new(database, TimeProvider.System);

        var publish = () => engine.PublishAsync(One, CancellationToken.None);

        await publish.Should().ThrowAsync<TimeoutException>();
        database.Tries.Should().Be(5);
    }

    [Fact]
    public async Task A_start_that_fails_for_a_passing_reason_is_tried_again()
    {
        await using RelationalQueueEngine engine = new(new BrokenDatabase(0, isTransient: true) { MigrationFailures = 4 }, TimeProvider.System);

        var start = () => engine.StartAsync(CancellationToken.None);

        await start.Should().NotThrowAsync();
    }

    [Fact]
    public async Task What_fails_for_good_is_tried_once()
    {
        BrokenDatabase database = new(int.MaxValue, isTransient: false);
        await using RelationalQueueEngine engine = new(database, TimeProvider.System);

        var publish = () => engine.PublishAsync(One, CancellationToken.None);

        await publish.Should().ThrowAsync<TimeoutException>();
        database.Tries.Should().Be(1);
    }
}
