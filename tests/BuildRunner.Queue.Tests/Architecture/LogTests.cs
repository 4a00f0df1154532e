using System.Reflection;
using BuildRunner.MySql;
using BuildRunner.PostgreSql;
using BuildRunner.Relational;
using BuildRunner.Sqlite;
using Microsoft.Extensions.Logging;

namespace BuildRunner.Queue.Tests.Architecture;

/// <summary>Alerts go by the number of an event: it is given by hand, and no two of a package have the same.</summary>
public sealed class LogTests
{
    public static TheoryData<Assembly> Packages => [typeof(IPublisher).Assembly, typeof(RelationalQueueEngine).Assembly, typeof(SqliteQueueDatabase).Assembly, typeof(PostgreSqlQueueDatabase).Assembly, typeof(MySqlQueueDatabase).Assembly];

    [Theory]
    [MemberData(nameof(Packages), DisableDiscoveryEnumeration = true)]
    public void Every_event_has_a_number_of_its_own(Assembly package)
    {
        List<int> numbers = [.. package.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .SelectMany(static method => method.GetCustomAttributes<LoggerMessageAttribute>())
            .Select(static message => message.EventId)];

        numbers.Should().NotContain(static number => number <= 0).And.OnlyHaveUniqueItems();
    }

    [Fact]
    public void The_numbers_of_the_queue_are_those_that_alerts_go_by() =>
        typeof(Queue.Hosting.QueueHost).Assembly.GetType("BuildRunner.Queue.QueueLog")!
            .GetMethods(BindingFlags.Static | BindingFlags.Public)
            .Select(static method => $"{method.GetCustomAttribute<LoggerMessageAttribute>()!.EventId} {method.Name}")
            .Should().BeEquivalentTo(
                "1 Failed", "2 CutOff", "3 Abandoned", "4 LeaseLost", "5 EngineFailed", "6 DeadLettered", "7 NotHandedBack", "8 Broken", "9 EndedLate",
                "10 CallbackFailed", "11 RunnerBroken", "12 Expired", "13 ListenerBroken", "14 LeftBehind", "15 DeadLetterReplaced",
                "16 StartFailed", "17 SettlementRefused", "18 TextRefused", "19 ExpiryRefused", "20 RoundCutShort");
}
