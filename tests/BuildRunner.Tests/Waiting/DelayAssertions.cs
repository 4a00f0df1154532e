namespace BuildRunner.Tests.Waiting;

internal static class DelayAssertions
{
    /// <summary>Asserts that a delay is what it should be or up to 20 % longer, in whole milliseconds.</summary>
    public static void ShouldBeWithJitter(this TimeSpan delay, TimeSpan expected)
    {
        delay.Should().BeGreaterThanOrEqualTo(expected);
        delay.Should().BeLessThanOrEqualTo(TimeSpan.FromMilliseconds(Math.Ceiling(expected.TotalMilliseconds * 1.2)));
    }
}
